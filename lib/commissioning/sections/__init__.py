"""What a report shows: plain functions of a page, one file a topic, each giving displays and findings."""
