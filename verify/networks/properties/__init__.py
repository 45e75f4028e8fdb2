"""Properties of networks as files state them, and answers as other tools read them."""
