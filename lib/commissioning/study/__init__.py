"""One pilot, area and period, opened: what is prepared once, and what notebooks work with."""
