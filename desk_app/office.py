"""Opens an office in order: settings, keyring, database, services; where all parts meet."""
