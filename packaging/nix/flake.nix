# nix run 'github:OWNER/f2b-regex?dir=packaging/nix' -- check filter.d
#
# Version and dependencies are those of Cargo.toml and Cargo.lock: nothing here changes with a release.
{
  description = "Test fail2ban filters against logs: fail2ban-regex's verdict, fast";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      manifest = (builtins.fromTOML (builtins.readFile ../../Cargo.toml)).package;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      eachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = eachSystem (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = manifest.name;
          inherit (manifest) version;
          src = ../..;
          cargoLock.lockFile = ../../Cargo.lock;
          buildType = "dist";
          nativeBuildInputs = [ pkgs.installShellFiles ];
          # the suite needs programs and a git checkout that are not here; .ci/run is what runs it
          doCheck = false;
          postInstall = ''
            installManPage man/*.1
            installShellCompletion packaging/completions/f2b-regex.{bash,fish}
            installShellCompletion --zsh packaging/completions/_f2b-regex
          '';
          meta = {
            inherit (manifest) description;
            homepage = manifest.repository;
            license = pkgs.lib.licenses.gpl2Plus;
            mainProgram = "f2b-regex";
          };
        };
      });
    };
}
