#include "platform/secret_file.hpp"

#include "loopback.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace writeback;

TEST_CASE("one newline at the end of a secret file is no part of the secret") {
    const loopback::Directory directory;
    CHECK(*read_secret(directory.write("a", "s3cret\n")) == "s3cret");
    CHECK(*read_secret(directory.write("b", "s3cret\r\n")) == "s3cret");
    CHECK(*read_secret(directory.write("c", "s3cret")) == "s3cret");
    CHECK(*read_secret(directory.write("d", "s3cret\n\n")) == "s3cret\n");
    CHECK(*read_secret(directory.write("e", " s3cret \n")) == " s3cret ");
    CHECK(*read_secret(directory.write("f", "s3cret\r")) == "s3cret\r");
    CHECK(*read_secret(directory.write("g", std::string(largest_secret, 'x') + "\r\n")) ==
          std::string(largest_secret, 'x'));
}

TEST_CASE("a secret file that is empty, absent, a directory or too large is refused by name") {
    const loopback::Directory directory;
    std::filesystem::create_directory(directory.file("folder"));
    for (const std::string& path :
         {directory.write("empty", ""), directory.write("newline", "\n"), directory.file("absent"),
          directory.file("folder"),
          directory.write("large", std::string(largest_secret + 1, 'x'))}) {
        const auto read = read_secret(path);
        REQUIRE(read.has_error());
        CHECK(read.error().kind == FailureKind::invalid_configuration);
        CHECK(read.error().detail.find(path) != std::string::npos);
    }
}

TEST_CASE("a secret is read again when its file was exchanged") {
    const loopback::Directory directory;
    SecretFile secret(directory.write("secret", "first\n"));
    CHECK(secret.changed());
    CHECK(*secret.read() == "first");
    CHECK_FALSE(secret.changed());
    directory.write("next", "other\n");
    std::filesystem::rename(directory.file("next"), directory.file("secret"));
    CHECK(secret.changed());
    CHECK(*secret.read() == "other");
    std::filesystem::remove(directory.file("secret"));
    CHECK(secret.read().has_error());
}
