#pragma once

#include <string_view>

#include "records/owner.h"

namespace halfclosed::host {

/// Reads the path of a cgroup, as the kernel writes it: any bytes but newline, from outside.
///
/// The name is the unit behind the place that it runs in, places one in another, so that no two things on a host have
/// the same and none can take another's by making a cgroup of that name below its own:
///
///   docker:ID, podman:ID,   a container: an element that ends in the 64 hexadecimal digits of an OCI container, alone
///   containerd:ID, crio:ID  (cgroupfs driver) or behind a prefix and before ".scope" (systemd driver). ID has twelve
///   container:ID            digits; `container` where nothing tells the runtime. A monitor (libpod-conmon-ID.scope,
///                           crio-conmon-ID.scope) is not in it.
///   pod:UID                 a Kubernetes pod: "podUID" of the cgroupfs driver, "…-podUID.slice" of the systemd driver;
///                           a container in it is ID alone: "pod:UID/3f4e5d6c7b8a".
///   machine:NAME            of systemd-nspawn (systemd-nspawn@NAME.service/payload), systemd-machined
///                           (machine-NAME.scope) and LXC (lxc.payload.NAME, lxc/NAME).
///   user@UID                the units of a user's manager (user@UID.service), but for the manager itself.
///
/// The unit is the first service or scope in the innermost place: what is below it is its own affair (systemd's
/// CGROUP_DELEGATION), but for a place. A unit above a place belongs to the name unless it is the runtime's own
/// ("docker.service"). systemd has slices above its units: where anything else is, somebody else has made it, and the name is
/// the whole path. `unit` is the bare unit, also of a container's own scope, spelled as systemd does ("\x2d"); a '_'
/// that systemd put before a name that the kernel could take for its own (cg_escape()) is taken off.
///
/// Without a unit and a place the name is the whole path; of the root "unknown". A name is printable text of at most
/// 256 bytes; a longer one ends in a hash of the whole.
Owner owner_of(std::string_view cgroup_path);

/// Whether an owner's name is of something in a container, a pod or a machine.
bool is_contained(std::string_view owner_name);

}  // namespace halfclosed::host
