"""Whatever the user hands over becomes an `EncodedCorpus`: word ids and sentence borders, read once."""
