"""Networks at points: exactly, in floats, with error bounds, and in onnxruntime."""
