"""What travels on the log: topics, the CloudEvents envelope, and the data of each command, change and job."""
