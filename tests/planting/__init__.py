"""Known patterns planted in made-up lives, to count hits and misses."""
