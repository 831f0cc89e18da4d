#pragma once

#include <gtest/gtest.h>

#include "netlink/error.h"

namespace halfclosed::netlink {

/// The Error that `attempt` throws; the test fails where it throws none.
template <typename Attempt>
Error error_of(Attempt attempt) {
    try {
        attempt();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no error";
    return Error(Reason::timeout, "", "");
}

}  // namespace halfclosed::netlink
