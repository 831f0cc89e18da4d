#include "netlink/filter.h"

#include <linux/inet_diag.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace halfclosed::netlink {

namespace {

/// A comparison is two operations long: the second one's `no` carries the port, in host byte order.
constexpr std::size_t kComparison = 2 * sizeof(inet_diag_bc_op);
constexpr std::size_t kJump = sizeof(inet_diag_bc_op);

struct Comparison {
    unsigned char code;
    std::uint16_t port;
};

/// All comparisons of one alternative must hold.
using Alternative = std::vector<Comparison>;

/// The fewest ranges that cover the same ports: the kernel runs the program for every socket it
/// has.
std::vector<PortRange> merged(std::span<const PortRange> ports) {
    std::vector<PortRange> sorted(ports.begin(), ports.end());
    std::sort(sorted.begin(), sorted.end());
    std::vector<PortRange> result;
    for (const PortRange& range : sorted) {
        if (!result.empty() && range.first <= result.back().last + 1) {
            result.back().last = std::max(result.back().last, range.last);
        } else {
            result.push_back(range);
        }
    }
    return result;
}

std::vector<Alternative> alternatives(std::span<const PortRange> ports) {
    std::vector<Alternative> result;
    for (const PortRange& range : merged(ports)) {
        if (range.first == range.last) {
            result.push_back({{INET_DIAG_BC_S_EQ, range.first}});
            result.push_back({{INET_DIAG_BC_D_EQ, range.first}});
        } else {
            result.push_back({{INET_DIAG_BC_S_GE, range.first}, {INET_DIAG_BC_S_LE, range.last}});
            result.push_back({{INET_DIAG_BC_D_GE, range.first}, {INET_DIAG_BC_D_LE, range.last}});
        }
    }
    return result;
}

void put(std::vector<std::byte>& program, unsigned char code, std::size_t yes, std::size_t no) {
    const inet_diag_bc_op op{code, static_cast<unsigned char>(yes), static_cast<std::uint16_t>(no)};
    const std::size_t end = program.size();
    program.resize(end + sizeof op);
    std::memcpy(program.data() + end, &op, sizeof op);
}

}  // namespace

std::vector<std::byte> compile(std::span<const PortRange> ports) {
    const std::vector<Alternative> choices = alternatives(ports);
    std::size_t length = 0;
    for (const Alternative& alternative : choices) {
        length += alternative.size() * kComparison + kJump;
    }
    if (!choices.empty()) {
        length -= kJump;  // the last alternative falls off the end, which accepts
    }
    if (length + kJump > UINT16_MAX) {
        throw std::length_error("too many port ranges for one filter: " +
                                std::to_string(ports.size()));
    }

    // Offsets are relative to the operation that jumps. Arriving at the end accepts; a jump past it
    // rejects.
    std::vector<std::byte> program;
    program.reserve(length);
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const bool last = i + 1 == choices.size();
        const std::size_t next = program.size() + choices[i].size() * kComparison + kJump;
        for (const Comparison& comparison : choices[i]) {
            put(program, comparison.code, kComparison, next - program.size());
            put(program, 0, 0, comparison.port);
        }
        if (!last) {
            put(program, INET_DIAG_BC_JMP, kJump, length - program.size());
        }
    }
    return program;
}

}  // namespace halfclosed::netlink
