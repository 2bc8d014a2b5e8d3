"""The words of Pellucid: model, inputs, target, layer, method, explanation."""
