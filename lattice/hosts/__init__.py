"""What other programs show: OpenColorIO configs of SDevs, held to the SDevs before they are written."""
