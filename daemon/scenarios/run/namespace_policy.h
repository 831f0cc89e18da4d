#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace halfclosed::scenarios {

/// The sysctls that decide who may create namespaces. Each is absent if the system does not have it.
struct NamespacePolicy {
    std::optional<std::uint64_t> max_user_namespaces;  ///< user.max_user_namespaces
    std::optional<std::uint64_t> max_net_namespaces;   ///< user.max_net_namespaces
    std::optional<std::uint64_t>
        unprivileged_userns;  ///< kernel.unprivileged_userns_clone (Debian)
    std::optional<std::uint64_t>
        apparmor_restricts;  ///< kernel.apparmor_restrict_unprivileged_userns

    bool operator==(const NamespacePolicy&) const = default;
};

/// Reads them. What cannot be read is absent.
NamespacePolicy read_namespace_policy();

/// One line for a person: why the lab cannot have namespaces of its own, and what to change.
std::string explain_refusal(const std::system_error& failure, const NamespacePolicy& policy);

}  // namespace halfclosed::scenarios
