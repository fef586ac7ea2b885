"""From documents to a registered adapter: the data set, the training, the proof."""
