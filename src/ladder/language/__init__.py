"""The closed rule language: selectors, spans, measures, conditions, ladders and versions."""
