"""Reads any corpus once and turns it into an `EncodedCorpus`: word ids and sentence offsets."""
