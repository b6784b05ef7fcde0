"""Bytes to objects and back. No module here knows another.

Reading order: instrument_yaml, instrument_schema, places_csv, wave_yaml, phone_json, report_spec, table_csv,
microdata_csv.
"""
