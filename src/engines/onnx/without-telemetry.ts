/**
 * Import this before onnxruntime-node. On Linux and macOS ONNX Runtime 1.30 reports models and machine to its maker
 * over the network unless it is told not to, and keeps what it could not send in the user's cache folder. What is
 * served here is nobody else's business.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
