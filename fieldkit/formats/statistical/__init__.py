"""Rows for researchers as SPSS (.sav) and Stata (.dta) files with Chinese labels and missing reasons.

`names` makes names that those programs accept, `chunk` turns rows into columns, `sav` and `dta` write the files piece
by piece through pyreadstat, `syntax` writes what a .sav cannot hold as SPSS commands.
"""
