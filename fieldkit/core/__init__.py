"""What an instrument, an answer and a permission are. Standard library only.

Reading order: problem, text, place, expression, item, instrument, instrument_file, content, flow, answer, paradata,
response, lint, access. Research data: dataset, columns, wide.
"""
