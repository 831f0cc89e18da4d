#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace halfclosed::netlink {

/// A reading of the kernel's filter machine for ports (net/ipv4/inet_diag.c, Linux 6.12), written from its rules, so
/// that a program can be tried on every pair of ports.

/// Why inet_diag_bc_audit() would refuse the program; empty if it accepts it.
std::string audit(std::span<const std::byte> program);

/// Whether inet_diag_bc_run() lets a socket with these ports through. The program has passed the audit.
bool lets_through(std::span<const std::byte> program, std::uint16_t local_port,
                  std::uint16_t remote_port);

}  // namespace halfclosed::netlink
