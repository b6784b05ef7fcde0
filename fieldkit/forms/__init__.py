"""WTForms' only home: a questionnaire becomes a form class, one visible dict item type to field builder.

Reading order: widgets (the markup of one answer), build (the form class, and a posted form read as answers).
"""
