#pragma once

namespace halfclosed::auth {

// Made by htpasswd -nbBC 4 "" PASSWORD (apache2-utils 2.4): the cheapest that bcrypt knows.
inline constexpr const char* kHashOfSecret =
    "$2y$04$nOWiq6Pqp6mSUH0suLZqF.ZOCShErFQr37fGRUteCdHNPS7BQSkBW";
inline constexpr const char* kHashOfOther =
    "$2y$04$VDT7TymLBtAM4Vv8UCGkEew3Dk1jET8myL4ZdcP4S1dLAFCm34Pv6";

}  // namespace halfclosed::auth
