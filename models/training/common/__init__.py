"""What the recipes of all models share: the files of a version, its checks and its measurements."""
