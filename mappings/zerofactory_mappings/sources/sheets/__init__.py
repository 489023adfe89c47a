"""Tables of strangers: cells with their places, forgiving headers, numbers and periods, and an account of every row."""
