"""FLUX Tiny: a real FLUX stack of three million parameters that this project trained on drawn shapes."""
