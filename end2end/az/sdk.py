"""The Azure SDK for Python against one lab machine: `python sdk.py URL TENANT SUBSCRIPTION APP_ID`, the secret in AZURE_CLIENT_SECRET.

Prints one line for each thing that was seen, and ends with an exception at the first that is not as it should be.
"""

import os
import sys

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.polling import LROPoller
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

URL, TENANT, SUBSCRIPTION, APP_ID = sys.argv[1:]
MACHINES = 101  # more than one page of the list

credential = ClientSecretCredential(
    TENANT, APP_ID, os.environ["AZURE_CLIENT_SECRET"], authority=URL, disable_instance_discovery=True
)
place = {"base_url": URL, "credential_scopes": [f"{URL}/.default"]}
compute = ComputeManagementClient(credential, SUBSCRIPTION, **place)
resources = ResourceManagementClient(credential, SUBSCRIPTION, **place)


def seen(what: str) -> None:
    print(f"seen: {what}", flush=True)


def extension(command: str) -> dict:
    return {
        "location": "annex",
        "properties": {
            "publisher": "Annex.Extensions",
            "type": "CustomScript",
            "typeHandlerVersion": "1.1",
            "autoUpgradeMinorVersion": True,
            "settings": {"commandToExecute": command},
        },
    }


def put(command: str) -> LROPoller:
    return compute.virtual_machine_extensions.begin_create_or_update("lab", "lab-1", "CustomScript", extension(command))


def install() -> None:
    poller = put("echo from the sdk >/root/by-sdk")
    done = poller.result(timeout=60)
    assert poller.status() == "Succeeded", poller.status()
    assert done.provisioning_state == "Succeeded", done
    seen("an extension is created, polled and read")


def look() -> None:
    view = compute.virtual_machine_extensions.get("lab", "lab-1", "CustomScript", expand="instanceView").instance_view
    assert view.statuses[0].code == "ProvisioningState/succeeded", view.statuses[0].code
    machine = compute.virtual_machines.get("lab", "lab-1", expand="instanceView")
    assert [status.code for status in machine.instance_view.statuses] == ["ProvisioningState/succeeded", "PowerState/running"]
    assert machine.instance_view.extensions[0].type == "Annex.Extensions.CustomScript"
    listed = compute.virtual_machine_extensions.list("lab", "lab-1").value
    assert [one.name for one in listed] == ["CustomScript"]
    seen("instance views and the list say the same")


def fail() -> None:
    try:
        put("exit 3").result(timeout=60)
    except HttpResponseError as error:
        assert error.error.code == "VMExtensionProvisioningError", error
        assert "CustomScript" in error.message, error.message
    else:
        raise AssertionError("a failing script did not fail")
    assert compute.virtual_machine_extensions.get("lab", "lab-1", "CustomScript").provisioning_state == "Failed"
    seen("a failing script is an HttpResponseError with the service's code")


def refuse() -> None:
    try:
        compute.virtual_machines.get("lab", "nobody")
    except ResourceNotFoundError as error:
        assert error.error.code == "ResourceNotFound", error
    else:
        raise AssertionError("a machine that is not there was found")
    body = extension("true")
    body["properties"]["type"] = "Nothing"
    try:
        compute.virtual_machine_extensions.begin_create_or_update("lab", "lab-1", "nothing", body)
    except HttpResponseError as error:
        assert error.error.code == "ArtifactNotFound", error
    else:
        raise AssertionError("an unknown type was accepted")
    seen("what is not there is an error with its code")


def patch_and_delete() -> None:
    update = {"properties": {"settings": {"commandToExecute": "echo patched >/root/patched"}}}
    patched = compute.virtual_machine_extensions.begin_update("lab", "lab-1", "CustomScript", update).result(timeout=60)
    assert patched.settings == {"commandToExecute": "echo patched >/root/patched"}, patched.settings
    compute.virtual_machine_extensions.begin_delete("lab", "lab-1", "CustomScript").result(timeout=60)
    try:
        compute.virtual_machine_extensions.get("lab", "lab-1", "CustomScript")
    except ResourceNotFoundError:
        seen("an extension is patched and deleted")
    else:
        raise AssertionError("the deleted extension is still there")


def run_command() -> None:
    body = {"commandId": "RunShellScript", "script": ["echo $1"], "parameters": [{"name": "word", "value": "hello sdk"}]}
    result = compute.virtual_machines.begin_run_command("lab", "lab-1", body).result(timeout=60)
    assert "hello sdk" in result.value[0].message, result.value[0].message
    seen("a run command returns what it printed")


def conditions() -> None:
    machine = compute.virtual_machines.get("lab", "lab-1")
    assert machine.etag, "machines have an ETag"
    unchanged = {"match_condition": MatchConditions.IfNotModified}
    try:
        compute.virtual_machines.begin_update("lab", "lab-1", {"tags": {"a": "b"}}, etag='"0"', **unchanged)
    except HttpResponseError as error:
        assert error.status_code == 412, error
    else:
        raise AssertionError("another ETag was taken for this one")
    poller = compute.virtual_machines.begin_update("lab", "lab-1", {"tags": {"a": "b"}}, etag=machine.etag, **unchanged)
    assert poller.result(timeout=60).tags == {"a": "b"}
    seen("If-Match is kept")


def pages() -> None:
    resources.resource_groups.create_or_update("pages", {"location": "annex"})
    bare = {"location": "annex", "properties": {"osProfile": {"linuxConfiguration": {"provisionVMAgent": False}}}}
    names = [f"page-{number:03}" for number in range(MACHINES)]
    for name in names:
        compute.virtual_machines.begin_create_or_update("pages", name, bare, polling=False)
    by_page = [[machine.name for machine in page] for page in compute.virtual_machines.list("pages").by_page()]
    assert len(by_page) > 1, "the list has more than one page"
    assert sorted(name for page in by_page for name in page) == names
    everything = [machine.name for machine in compute.virtual_machines.list_all()]
    assert sorted(everything) == ["lab-1", *names] and len(set(everything)) == len(everything)
    resources.resource_groups.begin_delete("pages").result(timeout=120)
    assert not resources.resource_groups.check_existence("pages")
    seen(f"{MACHINES} machines are listed by pages, each once, and go with their group")


for step in (install, look, fail, refuse, patch_and_delete, run_command, conditions, pages):
    step()
