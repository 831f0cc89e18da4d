#include "exact/kernel_types.h"

#include <bpf/btf.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "posix/error.h"

namespace halfclosed::exact {

namespace {

struct NamedReason {
    std::string_view kernel;  ///< without SK_RST_REASON_
    ResetReason reason;
};

constexpr std::string_view kPrefix = "SK_RST_REASON_";

/// include/net/rstreason.h
constexpr NamedReason kReasons[] = {
    {"NO_SOCKET", ResetReason::no_socket},
    {"TCP_FLAGS", ResetReason::no_connection},
    {"TCP_TIMEWAIT_SOCKET", ResetReason::timewait_socket},
    {"TCP_ABORT_ON_DATA", ResetReason::abort_on_data},
    {"TCP_ABORT_ON_CLOSE", ResetReason::abort_on_close},
    {"TCP_ABORT_ON_LINGER", ResetReason::abort_on_linger},
    {"TCP_ABORT_ON_MEMORY", ResetReason::abort_on_memory},
    {"TCP_STATE", ResetReason::aborted},
    {"TCP_KEEPALIVE_TIMEOUT", ResetReason::keepalive_timeout},
    {"TCP_DISCONNECT_WITH_DATA", ResetReason::disconnect_with_data},
    {"INVALID_SYN", ResetReason::bad_segment},
    {"TCP_INVALID_ACK_SEQUENCE", ResetReason::bad_segment},
    {"TCP_RFC7323_PAWS", ResetReason::bad_segment},
    {"TCP_TOO_OLD_ACK", ResetReason::bad_segment},
    {"TCP_OLD_ACK", ResetReason::bad_segment},
    {"TCP_ACK_UNSENT_DATA", ResetReason::bad_segment},
};

ResetReason reason_of(std::string_view kernel) {
    if (kernel.starts_with(kPrefix)) {
        kernel.remove_prefix(kPrefix.size());
    }
    for (const NamedReason& named : kReasons) {
        if (named.kernel == kernel) {
            return named.reason;
        }
    }
    return kernel.starts_with("MPTCP_") ? ResetReason::mptcp : ResetReason::other;
}

}  // namespace

void KernelTypes::Free::operator()(btf* types) const {
    btf__free(types);
}

KernelTypes::KernelTypes() : types_(btf__load_vmlinux_btf()) {
    if (!types_) {
        throw posix::Error("/sys/kernel/btf/vmlinux",
                           std::string(std::strerror(errno)) +
                               ": this kernel does not tell its types (CONFIG_DEBUG_INFO_BTF)");
    }
}

std::optional<unsigned> KernelTypes::tracepoint_arguments(const char* tracepoint) const {
    const std::string name = std::string("btf_trace_") + tracepoint;
    const int id = btf__find_by_name_kind(types_.get(), name.c_str(), BTF_KIND_TYPEDEF);
    if (id < 0) {
        return std::nullopt;
    }
    // A typedef of a pointer to a function, whose first argument is the tracer's own.
    const btf_type* type = btf__type_by_id(types_.get(), static_cast<unsigned>(id));
    for (int depth = 0; depth < 2 && type != nullptr; ++depth) {
        type = btf__type_by_id(types_.get(), type->type);
    }
    if (type == nullptr || btf_kind(type) != BTF_KIND_FUNC_PROTO || btf_vlen(type) == 0) {
        return std::nullopt;
    }
    return btf_vlen(type) - 1U;
}

KernelTypes::ResetReasons KernelTypes::reset_reasons() const {
    ResetReasons result;
    const int id = btf__find_by_name_kind(types_.get(), "sk_rst_reason", BTF_KIND_ENUM);
    const auto arguments = tracepoint_arguments("tcp_send_reset");
    if (id < 0 || arguments != 3U) {
        result.fill(ResetReason::not_told);
        return result;
    }
    result.fill(ResetReason::other);
    const btf_type* const type = btf__type_by_id(types_.get(), static_cast<unsigned>(id));
    const struct ::btf_enum* const values = ::btf_enum(type);
    for (unsigned index = 0; index < btf_vlen(type); ++index) {
        const auto number = static_cast<std::size_t>(values[index].val);
        if (number < result.size()) {
            result[number] = reason_of(btf__name_by_offset(types_.get(), values[index].name_off));
        }
    }
    return result;
}

}  // namespace halfclosed::exact
