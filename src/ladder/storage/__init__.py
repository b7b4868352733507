"""The only room that uses SQL: models, engines, migrations, bulk input and output, queries."""
