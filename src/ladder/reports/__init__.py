"""Reports on all supporters: the pyramid, flows and matrices between places. Read-only."""
