#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::host {

/// Who a cgroup belongs to, read off its path. The names come from outside: any bytes but '/' and
/// newline.
struct Owner {
    std::string cgroup;                    ///< the path as it is, "/system.slice/nginx.service"
    std::optional<std::string> unit;       ///< the systemd unit, "nginx.service"
    std::optional<std::string> container;  ///< the first 12 digits of the container's id
    std::string leaf;                      ///< the last element of the path; "/" for the root

    /// What to call it: the unit, else the container, else the leaf.
    const std::string& name() const { return unit ? *unit : container ? *container : leaf; }

    bool operator==(const Owner&) const = default;
};

/// Reads the path of a cgroup.
///
///   unit       the deepest element that is a service or a scope, of the system or of a user's
///   manager (systemd's
///              CGROUP_DELEGATION: units may have cgroups of their own below), without systemd's
///              escapes: "\x2d" is "-" (systemd.unit(5)). Not the unit of a container runtime above
///              the container.
///   container  the deepest element that ends in the 64 hexadecimal digits of an OCI container:
///   alone, as runtimes
///              with the cgroupfs driver do (docker/ID, kubepods/…/podUID/ID), or behind a prefix
///              and before
///              ".scope" as with the systemd driver (docker-ID.scope, cri-containerd-ID.scope,
///              crio-ID.scope, libpod-ID.scope, …slice:cri-containerd:ID). A monitor beside its
///              container (libpod-conmon-ID.scope, crio-conmon-ID.scope) is not in it.
Owner owner_of(std::string_view cgroup_path);

}  // namespace halfclosed::host
