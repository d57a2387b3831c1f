"""Is this the JSON log of a gateway, and where does it keep each column?

Unit: a format, by its name or as the text the gateway was given.
"""

from apijourney.sources import aws_api_gateway, envoy, kong
from apijourney.sources.json_log import Layout


def is_gateway_log(format: str) -> bool:
    """Is this a format of AWS API Gateway, Kong or Envoy?

    >>> is_gateway_log("kong"), is_gateway_log('{"at": "$context.requestTime"}'), is_gateway_log("$time_local")
    (True, True, False)
    """
    return format == kong.NAME or aws_api_gateway.is_aws(format) or envoy.is_envoy(format)


def gateway_layout(format: str) -> Layout:
    """Which column stands in which field of this format?

    Raises
    ------
    WorkbookError : the text of the format cannot be read, or has no time.
    """
    if format == kong.NAME:
        return kong.layout()
    return (aws_api_gateway if aws_api_gateway.is_aws(format) else envoy).layout(format)
