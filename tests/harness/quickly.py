"""What botocore and moto work out anew at every call though it never changes, worked out once: a call takes half the time.

Each of these is an attribute of theirs replaced by one that gives the same answer sooner; a signature, of which moto reads only who signed for where, by one
without the arithmetic; a private key, which nobody attacks here, by one that has been used before.
"""

import functools
from typing import Any

import botocore
import botocore.client
import botocore.signers
import botocore.useragent
import moto.core.models
import moto.core.responses
import moto.core.serialize
import moto.s3.models
import moto.s3.urls
from botocore.loaders import JSONFileLoader
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.core.utils import method_names_from_class

_load_file = JSONFileLoader.load_file
_endpoints = functools.cache(functools.partial(_load_file, JSONFileLoader()))


really_sign = botocore.signers.RequestSigner.sign


def _sign(self: Any, operation_name: str, request: Any, region_name: str | None = None, *further: Any, **named: Any) -> None:  # noqa: ANN401 - botocore's
    if self._credentials.access_key != "testing":  # the local account, in which signatures count
        really_sign(self, operation_name, request, region_name, *further, **named)
        return
    scope = f"20260101/{region_name or self.region_name}/{self.signing_name}/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential=testing/{scope}, SignedHeaders=host, Signature=0"


really_make_paginator = botocore.client.BaseClient.get_paginator


def _get_paginator(self: Any, operation_name: str) -> Any:  # noqa: ANN401 - botocore's
    made = self.__dict__.setdefault("made_paginators", {})  # with a class of its own for each, for the sake of its manual
    return made.get(operation_name) or made.setdefault(operation_name, really_make_paginator(self, operation_name))


def make_calls_quick() -> None:
    # moto makes sessions of its own, each of which would read a megabyte of endpoints anew. The models it changes, so each gets those for itself.
    JSONFileLoader.load_file = lambda self, path: _endpoints(path) if path.endswith("endpoints") else _load_file(self, path)  # type: ignore[assignment,method-assign]
    botocore.signers.RequestSigner.sign = _sign  # type: ignore[method-assign]
    botocore.client.BaseClient.get_paginator = _get_paginator  # type: ignore[method-assign]
    botocore.useragent.UserAgentString.to_string = lambda _: "tests"  # type: ignore[assignment,method-assign]
    moto.core.models.RESPONSES_METHODS = []  # a thousand addresses for who asks AWS by `requests`, made anew for every test: nobody does
    moto.core.responses.method_names_from_class = functools.cache(method_names_from_class)  # type: ignore[attr-defined]
    moto.core.serialize.xform_name = functools.cache(botocore.xform_name)  # type: ignore[attr-defined]
    rsa.generate_private_key = functools.cache(rsa.generate_private_key)
    moto.s3.models.S3Backend._url_module = moto.s3.urls  # type: ignore[assignment,method-assign]  # noqa: SLF001 - else reloaded at every call
