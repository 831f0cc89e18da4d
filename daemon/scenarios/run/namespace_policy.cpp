#include "scenarios/run/namespace_policy.h"

#include <cerrno>

#include "host/sysctl.h"
#include "posix/file.h"

namespace halfclosed::scenarios {

namespace {

std::optional<std::uint64_t> read_number(const std::string& file) {
    try {
        const auto text = posix::read_file_if_present(file);
        return text ? std::optional(host::parse_sysctl(*text, file)) : std::nullopt;
    } catch (const posix::Error&) {
        return std::nullopt;
    }
}

std::string what_to_change(int error, const NamespacePolicy& policy) {
    if (policy.unprivileged_userns == 0U) {
        return "set kernel.unprivileged_userns_clone=1, or run as root";
    }
    if (policy.max_user_namespaces == 0U) {
        return "raise user.max_user_namespaces from 0, or run as root";
    }
    if (policy.max_net_namespaces == 0U) {
        return "raise user.max_net_namespaces from 0";
    }
    if (error == ENOSPC) {
        return "too many namespaces: raise user.max_user_namespaces and user.max_net_namespaces";
    }
    if (policy.apparmor_restricts.value_or(0) != 0) {
        return "set kernel.apparmor_restrict_unprivileged_userns=0, or run as root";
    }
    if (error == EPERM || error == EACCES) {
        return "allow it (a systemd unit's RestrictNamespaces=, a container's seccomp profile, "
               "AppArmor or "
               "SELinux may forbid it), or "
               "run as root with "
               "CAP_SYS_ADMIN";
    }
    if (error == EROFS) {
        return "mount /proc/sys writable in this container";
    }
    if (error == EINVAL || error == ENOSYS) {
        return "a kernel with CONFIG_USER_NS, CONFIG_PID_NS and CONFIG_NET_NS is needed";
    }
    return "nothing known can be changed about it";
}

}  // namespace

NamespacePolicy read_namespace_policy() {
    return {read_number("/proc/sys/user/max_user_namespaces"),
            read_number("/proc/sys/user/max_net_namespaces"),
            read_number("/proc/sys/kernel/unprivileged_userns_clone"),
            read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")};
}

std::string explain_refusal(const std::system_error& failure, const NamespacePolicy& policy) {
    return std::string("the scenarios need a network namespace of their own: ") + failure.what() +
           "; " + what_to_change(failure.code().value(), policy);
}

}  // namespace halfclosed::scenarios
