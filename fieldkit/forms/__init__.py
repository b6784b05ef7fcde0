"""WTForms' only home: a questionnaire becomes a form class, one visible dict item type to field builder.

Reading order: widgets (the markup of one answer), kinds and files (that of seldom ones), build (the form class, and a
posted form read as answers).
"""
