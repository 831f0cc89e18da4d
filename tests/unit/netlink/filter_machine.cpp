#include "filter_machine.h"

#include <linux/inet_diag.h>

#include <cstring>
#include <stdexcept>

namespace halfclosed::netlink {

namespace {

constexpr int kOperation = sizeof(inet_diag_bc_op);

inet_diag_bc_op operation_at(std::span<const std::byte> program, int offset) {
    if (offset < 0 || offset + kOperation > static_cast<int>(program.size())) {
        throw std::out_of_range("the machine would read at " + std::to_string(offset));
    }
    inet_diag_bc_op operation{};
    std::memcpy(&operation, program.data() + offset, sizeof operation);
    return operation;
}

bool compares_a_port(unsigned char code) {
    switch (code) {
        case INET_DIAG_BC_S_EQ:
        case INET_DIAG_BC_D_EQ:
        case INET_DIAG_BC_S_GE:
        case INET_DIAG_BC_S_LE:
        case INET_DIAG_BC_D_GE:
        case INET_DIAG_BC_D_LE:
            return true;
        default:
            return false;
    }
}

/// valid_cc(): whether walking along the yes branches arrives exactly at `target`.
bool is_on_the_yes_branches(std::span<const std::byte> program, int target) {
    int at = 0;
    while (at < target) {
        const int yes = operation_at(program, at).yes;
        if (yes < kOperation || yes % 4 != 0) {
            return false;
        }
        at += yes;
    }
    return at == target;
}

}  // namespace

std::string audit(std::span<const std::byte> program) {
    const int length = static_cast<int>(program.size());
    if (length % 4 != 0) {
        return "its length is no multiple of four";
    }
    int at = 0;
    while (at < length) {
        const std::string place = " at " + std::to_string(at);
        const inet_diag_bc_op operation = operation_at(program, at);
        const int left = length - at;
        int least = kOperation;
        if (compares_a_port(operation.code)) {
            least += kOperation;
            if (left < least) {
                return "a comparison without its port" + place;
            }
        } else if (operation.code != INET_DIAG_BC_JMP && operation.code != INET_DIAG_BC_NOP) {
            return "operation " + std::to_string(operation.code) + place;
        }
        if (operation.code != INET_DIAG_BC_NOP) {
            if (operation.no < least || operation.no > left + 4 || operation.no % 4 != 0) {
                return "no branch " + std::to_string(operation.no) + place;
            }
            if (operation.no < left && !is_on_the_yes_branches(program, at + operation.no)) {
                return "a no branch into the middle of an operation" + place;
            }
        }
        if (operation.yes < least || operation.yes > left + 4 || operation.yes % 4 != 0) {
            return "yes branch " + std::to_string(operation.yes) + place;
        }
        at += operation.yes;
    }
    return at == length ? "" : "it does not end at its end";
}

bool lets_through(std::span<const std::byte> program, std::uint16_t local_port,
                  std::uint16_t remote_port) {
    int at = 0;
    const int length = static_cast<int>(program.size());
    while (at < length) {
        const inet_diag_bc_op operation = operation_at(program, at);
        const auto port = [&] { return operation_at(program, at + kOperation).no; };
        bool yes = true;
        switch (operation.code) {
            case INET_DIAG_BC_NOP:
                break;
            case INET_DIAG_BC_JMP:
                yes = false;
                break;
            case INET_DIAG_BC_S_EQ:
                yes = local_port == port();
                break;
            case INET_DIAG_BC_D_EQ:
                yes = remote_port == port();
                break;
            case INET_DIAG_BC_S_GE:
                yes = local_port >= port();
                break;
            case INET_DIAG_BC_S_LE:
                yes = local_port <= port();
                break;
            case INET_DIAG_BC_D_GE:
                yes = remote_port >= port();
                break;
            case INET_DIAG_BC_D_LE:
                yes = remote_port <= port();
                break;
            default:
                throw std::invalid_argument("operation " + std::to_string(operation.code));
        }
        at += yes ? operation.yes : operation.no;
    }
    return at == length;
}

}  // namespace halfclosed::netlink
