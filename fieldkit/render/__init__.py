"""A finished report -> PDF, and the same words and drawings -> a page on screen. reportlab's only home.

Reading order: style (colours, sizes, columns from reports/style/paper.yaml), text (lines of Chinese), ink (what
reaches the PDF), pen and axes (what charts are drawn with), rows, bars, waves and charts (chart -> drawing), blocks
(what stands on a page), layout (which page), cover, document (the PDF), svg and page (the HTML twin), qr (a link for
a camera). Nothing here queries, computes or chooses words. This package imports nothing by itself, so a process that
never prints never loads reportlab.
"""

import os

# read by reportlab when it is first loaded: do not check every attribute of every shape, a sixth of a report's time
os.environ.setdefault("RL_shapeChecking", "0")
