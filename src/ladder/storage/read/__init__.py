"""Read touchpoints and results: by supporter, by page, in batches, as known at an instant."""
