"""Files of a council's own systems, read by a mapping (`mapping.toml`) that a person can read and mend."""
