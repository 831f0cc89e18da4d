#include "exact/hooks.h"

#include <string_view>

#include "posix/error.h"

namespace halfclosed::exact {

namespace {

constexpr const char* kDropTracepoint = "kfree_skb";
constexpr unsigned kDropArguments = 4;  // the last is the socket
constexpr const char* kResetTracepoint = "tcp_send_reset";
constexpr unsigned kResetArguments = 3;  // the last is the reason

/// Without a reason, so before Linux 6.10, tcp_send_reset is not called for a reset that answers a packet for no socket
/// or for a minisock (net/ipv4/tcp_ipv4.c:tcp_v4_send_reset).
constexpr Hook kHooks[] = {
    {"timer_start", "timer_start", 1, true, nullptr},
    {"timer_cancel", "timer_cancel", 1, true, nullptr},
    {"timer_expire_entry", "timer_expire_entry", 1, true, nullptr},
    {"drop", kDropTracepoint, kDropArguments, false,
     "that a closed socket's peer closed too is counted at the next poll, not when it happens"},
    {"drop_again", kDropTracepoint, kDropArguments, false, nullptr},
    {"destroy_sock", "tcp_destroy_sock", 1, true, nullptr},
    {"send_reset", kResetTracepoint, kResetArguments, false,
     "why a reset was sent is not told, and one that answers for no open socket is not counted"},
    {"send_reset_again", kResetTracepoint, kResetArguments, false, nullptr},
    {"send_reset_without_reason", kResetTracepoint, kResetArguments - 1, false,
     "resets that are sent are not counted"},
    {"send_reset_without_reason_again", kResetTracepoint, kResetArguments - 1, false, nullptr},
    {"receive_reset", "tcp_receive_reset", 1, false, "resets that are received are not counted"},
    {"receive_reset_again", "tcp_receive_reset", 1, false, nullptr},
    {"recv_length", "sock_recv_length", 3, false,
     "when end-of-file was read, and by which thread, is not told"},
    {"set_state", "inet_sock_set_state", 3, true, nullptr},
    {"set_state_again", "inet_sock_set_state", 3, true, nullptr},
};

/// In the place of those that read the reason, where there is none.
bool is_second_choice(const Hook& hook) {
    return std::string_view(hook.tracepoint) == kResetTracepoint &&
           hook.arguments < kResetArguments;
}

}  // namespace

Hooks choose_hooks(const TracepointArguments& arguments) {
    Hooks hooks;
    const bool with_reason = arguments(kResetTracepoint).value_or(0) >= kResetArguments;
    for (const Hook& hook : kHooks) {
        const bool there = arguments(hook.tracepoint).value_or(0) >= hook.arguments;
        if (there && !(is_second_choice(hook) && with_reason)) {
            hooks.attached.push_back(&hook);
            continue;
        }
        if (hook.needed) {
            throw posix::Error("programs in the kernel",
                               std::string("this kernel has no tracepoint ") + hook.tracepoint);
        }
        if (!there && hook.otherwise != nullptr) {
            const std::string line =
                std::string(hook.tracepoint) + " of this kernel: " + hook.otherwise;
            if (is_second_choice(hook)) {
                hooks.left_out.back() = line;  // more is left out than that of the first choice
            } else {
                hooks.left_out.push_back(line);
            }
        }
        hooks.absent.push_back(&hook);
    }
    return hooks;
}

bool tells_drops(const TracepointArguments& arguments) {
    return arguments(kDropTracepoint).value_or(0) >= kDropArguments;
}

}  // namespace halfclosed::exact
