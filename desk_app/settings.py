"""What this desk remembers about itself: data folder, language, theme, sound devices (TOML)."""
