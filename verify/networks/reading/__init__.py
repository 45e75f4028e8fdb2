"""ONNX files as networks: bytes, graph, operators lowered to layers."""
