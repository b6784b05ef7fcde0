"""Answers to numbers to a finished report. Pure: pandas and numpy, no database, no page.

Reading order: frame (which answers count), indicators (one value per respondent), estimate and reliability (one value
per county), compare, disclose (what may be printed), results (all numbers of one county together), layout, wording,
book, sentences, figures, tables, report (the finished object), county (the whole way). waves compares what editions
told, technical fills annex E. For research output: cluster, weights, sensitive, cases. progress counts for the desk,
coarsen prepares row-level exports.
"""
