"""Bytes to objects and back. No module here knows another.

Reading order: instrument_yaml, instrument_schema, places_csv, wave_yaml, phone_json, report_spec, table_csv. Then
research data: row_file, microdata_csv, microdata_xlsx, microdata_jsonl, microdata_parquet, statistical, ddi,
data_package, reading.
"""
