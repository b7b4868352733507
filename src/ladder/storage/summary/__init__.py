"""Summaries of histories, so that counts need not read a large history."""
