<?php
// Makes accounts from JSON on stdin: {"Name": {"password": "...", "groups": [...], "appId": "..."}}.
// With an appId the password is a bot password with all grants the wiki knows, and the account has no other.
// Passwords come on stdin, since arguments can be seen by everyone on the machine.

use MediaWiki\Auth\AuthManager;
use MediaWiki\MediaWikiServices;

require_once getenv( 'MW_INSTALL_PATH' ) . '/maintenance/Maintenance.php';

class ApibotAccounts extends Maintenance {
	public function execute() {
		$accounts = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
		$services = MediaWikiServices::getInstance();
		foreach ( $accounts as $name => $account ) {
			$user = $services->getUserFactory()->newFromName( $name );
			$this->check( $services->getAuthManager()->autoCreateUser( $user, AuthManager::AUTOCREATE_SOURCE_MAINT, false ) );
			$services->getUserGroupManager()->addUserToMultipleGroups( $user, $account['groups'] );
			if ( isset( $account['appId'] ) ) {
				$class = class_exists( 'MediaWiki\User\BotPassword' ) ? 'MediaWiki\User\BotPassword' : 'BotPassword';
				$bot = $class::newUnsaved( [
					'username' => $name,
					'appId' => $account['appId'],
					'grants' => $services->getGrantsInfo()->getValidGrants(),
				] );
				$this->check( $bot->save( 'insert', $services->getPasswordFactory()->newFromPlaintext( $account['password'] ) ) );
			} else {
				$this->check( $user->changeAuthenticationData( [
					'username' => $name,
					'password' => $account['password'],
					'retype' => $account['password'],
				] ) );
			}
		}
	}

	private function check( $status ) {
		if ( !$status->isGood() ) {
			$this->fatalError( (string)$status );
		}
	}
}

$maintClass = ApibotAccounts::class;
require_once RUN_MAINTENANCE_IF_MAIN;
