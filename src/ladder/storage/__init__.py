"""The only room that speaks SQL: models, engines, migrations, bulk in and out, queries."""
