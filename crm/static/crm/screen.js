// The wall screen reads its numbers anew every five minutes.
setTimeout(() => location.reload(), 5 * 60 * 1000);
