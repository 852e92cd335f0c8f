<?php
// Gives accounts a second factor (OATHAuth) from JSON on stdin: {"Name": "SECRET IN BASE32"}.

use MediaWiki\MediaWikiServices;

require_once getenv( 'MW_INSTALL_PATH' ) . '/maintenance/Maintenance.php';

class SecondFactor extends Maintenance {
	public function execute() {
		$services = MediaWikiServices::getInstance();
		$repository = $services->getService( 'OATHUserRepository' );
		$module = $services->getService( 'OATHAuth' )->getModuleByKey( 'totp' );
		foreach ( json_decode( stream_get_contents( STDIN ), true ) as $name => $secret ) {
			$user = $repository->findByUser( $services->getUserFactory()->newFromName( $name ) );
			$user->addKey( $module->newKey( [ 'secret' => $secret, 'scratch_tokens' => [] ] ) );
			$user->setModule( $module );
			$repository->persist( $user, '127.0.0.1' );
		}
	}
}

$maintClass = SecondFactor::class;
require_once RUN_MAINTENANCE_IF_MAIN;
